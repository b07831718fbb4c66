/** What every job does around its work: Spark's start, the run's folder and its record. */
package io.qwark.jobs.run;
