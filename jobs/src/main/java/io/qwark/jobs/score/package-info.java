/**
 * Decides whether a generated answer is right. Free of Spark and of models: it works on stored
 * text, so a run can be scored again without generating again.
 */
package io.qwark.jobs.score;
