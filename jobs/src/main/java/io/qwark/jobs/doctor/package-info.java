/** Looks at a machine and a model folder and says what is wrong and what to do about it. */
package io.qwark.jobs.doctor;
