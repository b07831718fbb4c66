/**
 * Shows a run to people and programs: summary.json, report.html, the terminal's table and its
 * progress line. Works on records and JSON, without Spark's types.
 */
package io.qwark.jobs.report;
