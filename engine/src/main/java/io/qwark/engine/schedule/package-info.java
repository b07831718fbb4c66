/**
 * Which tokens are computed next and where their keys and values go. Counts only: no tensor, no
 * text, no model. One thread uses it.
 */
package io.qwark.engine.schedule;
