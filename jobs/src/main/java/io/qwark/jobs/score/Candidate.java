package io.qwark.jobs.score;

/**
 * A piece of answer text that may be the final answer.
 *
 * @param text as the model wrote it
 * @param source where it stood, to be read in "read 42 from {source}"
 * @param isGuess whether nothing marked it as the final answer
 */
record Candidate(String text, String source, boolean isGuess) {}
