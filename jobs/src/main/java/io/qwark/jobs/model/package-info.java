/** Where models come from: local paths, Hadoop paths and hubs; each host fetches a model once. */
package io.qwark.jobs.model;
