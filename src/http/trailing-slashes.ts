/** Removes trailing slashes in linear time. A regular expression would need quadratic time for a long run of slashes. */
export function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}
