package io.qwark.jobs.data;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** Lazy iterators, so that a partition need not fit the memory. */
final class Iterators {
  private Iterators() {}

  static <A, B> Iterator<B> map(Iterator<A> from, Function<A, B> function) {
    return flatMap(from, a -> List.of(function.apply(a)));
  }

  static <A, B> Iterator<B> flatMap(Iterator<A> from, Function<A, List<B>> function) {
    return new Iterator<>() {
      private Iterator<B> current = List.<B>of().iterator();

      @Override
      public boolean hasNext() {
        while (!current.hasNext() && from.hasNext()) {
          current = function.apply(from.next()).iterator();
        }
        return current.hasNext();
      }

      @Override
      public B next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return current.next();
      }
    };
  }
}
