// Random numbers that repeat for the same seed, so that two runs of the demo show the same story.

/** Returns a function that returns numbers from 0 to 1. */
export function randomNumbers(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Returns a random number of events with the given expected value. */
export function howOften(random, expected) {
  if (expected <= 0) return 0;
  if (expected > 50) return Math.max(0, Math.round(expected + Math.sqrt(expected) * normal(random)));
  const limit = Math.exp(-expected);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/** Returns a normally distributed number around 0. */
export function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Distributes a number of events over parts with the given weights. The counts of the parts add up to the number. */
export function split(random, count, weights) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const counts = weights.map((weight) => Math.floor((count * weight) / total));
  for (let left = count - counts.reduce((sum, part) => sum + part, 0); left > 0; left--) {
    let point = random() * total;
    const at = weights.findIndex((weight) => (point -= weight) <= 0);
    counts[at < 0 ? 0 : at] += 1;
  }
  return counts;
}
