/**
 * The whole system as its users meet it: submit.sh in a process of its own, Spark, the engine and
 * the quickstart model. Nothing here pins a score or a text, which change with that model.
 */
package io.qwark.jobs.e2e;
