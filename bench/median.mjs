/** Returns the number in the middle of some numbers, or of two middle ones the higher. */
export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
