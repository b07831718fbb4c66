/**
 * What a job is told: strict YAML files and command-line overrides, bound to immutable records. An
 * unknown key or a value of the wrong type is an error that names the file, the line and the
 * nearest key there is.
 */
package io.qwark.jobs.config;
