/** Leaves out the slashes at the end. A pattern for them would look at each run of slashes once for every slash in it. */
export function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}
