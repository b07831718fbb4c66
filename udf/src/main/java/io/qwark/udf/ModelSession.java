package io.qwark.udf;

import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;

/** What a task works with once there is a replica: the shared model and what is the task's own. */
record ModelSession(
    TextModel model, SamplingParams params, SampleWindow window, RestartCount restarts) {}
