/** The command line: what spark-submit starts, and the jobs that it can do. */
package io.qwark.jobs;
