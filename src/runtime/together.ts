// Things that are made together: when one of them cannot be made, those before it are given back.

/** Answers what `make` makes. What it has called `own` with is disposed of, the last first, if it throws; then that error is thrown. */
export function together<R>(make: (own: <T extends Disposable>(one: T) => T) => R): R {
  const made: Disposable[] = [];
  try {
    return make((one) => {
      made.push(one);
      return one;
    });
  } catch (error) {
    for (const one of made.reverse()) one[Symbol.dispose]();
    throw error;
  }
}
