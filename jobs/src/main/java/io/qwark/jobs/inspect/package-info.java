/** Tells what a model is and what it needs, without loading it. */
package io.qwark.jobs.inspect;
