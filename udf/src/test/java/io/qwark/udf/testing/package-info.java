/** What tests of this and other modules start: a scripted model and a real cluster. */
package io.qwark.udf.testing;
