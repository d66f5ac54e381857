/** The part of snappyjs that is used; it comes without types. */
declare module 'snappyjs' {
  const snappy: {
    compress(uncompressed: Uint8Array): Uint8Array;
    /** @throws Error also where the length that the bytes claim is more than allowed, before anything is inflated */
    uncompress(compressed: Uint8Array, maxLength: number): Uint8Array;
  };
  export default snappy;
}
