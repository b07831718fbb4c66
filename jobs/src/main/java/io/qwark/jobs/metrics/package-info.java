/** Scores and counts of a run, from one small record per sample. */
package io.qwark.jobs.metrics;
