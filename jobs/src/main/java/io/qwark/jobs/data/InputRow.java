package io.qwark.jobs.data;

import java.io.Serializable;

/**
 * One row of a source, not interpreted yet.
 *
 * @param number from 0 over all files in the order of their names
 * @param place file and line or row, for messages
 * @param json the row as one JSON object, or null if it is bad
 * @param error why it is bad, or null
 */
record InputRow(long number, String place, String json, String error) implements Serializable {}
