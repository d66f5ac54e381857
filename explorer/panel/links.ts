/** Returns the curl command for a request. It contains no secret. */
export function curlOf(address: string): string {
  return `curl -sS -H "Authorization: $READ_TOKEN" '${address.replaceAll("'", '%27')}'`;
}
