/**
 * What fetching a model from anywhere has in common: which of its files the engine needs, one
 * process of a host at a time, progress, and a sketch of a model that is not fetched.
 */
package io.qwark.engine.source;
