/** SHA-256's constants (FIPS 180-4, 4.2.2 and 5.3.3): the first bits of the roots of the first primes. */
const PRIMES = Array.from({ length: 312 }, (_, number) => number).filter(
  (number) =>
    number > 1 &&
    !Array.from({ length: 18 }, (_, divisor) => divisor).some((d) => d > 1 && d < number && number % d === 0),
);
const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;
const ROUND = Int32Array.from(PRIMES.slice(0, 64), (prime) => fraction(Math.cbrt(prime)));
const INITIAL = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

/**
 * SHA-256 of a text in UTF-8, in hexadecimal, for names in the cache. Loading node:crypto takes a tenth of the whole
 * time of an answer from the cache; a test compares the two. Not for anything but names: it takes no care of timing.
 */
export function sha256(text: string): string {
  const content = Buffer.from(text, "utf8");
  const padded = Buffer.alloc(Math.ceil((content.length + 9) / 64) * 64);
  content.copy(padded);
  padded[content.length] = 0x80;
  padded.writeBigUInt64BE(BigInt(content.length) * 8n, padded.length - 8);
  const hash = Int32Array.from(INITIAL);
  const words = new Int32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = padded.readInt32BE(block + i * 4);
    compress(hash, words);
  }
  return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** FIPS 180-4, 6.2.2. */
function compress(hash: Int32Array, words: Int32Array): void {
  const word = (index: number): number => words[index] as number;
  for (let i = 16; i < 64; i++) {
    const s0 = rotate(word(i - 15), 7) ^ rotate(word(i - 15), 18) ^ (word(i - 15) >>> 3);
    const s1 = rotate(word(i - 2), 17) ^ rotate(word(i - 2), 19) ^ (word(i - 2) >>> 10);
    words[i] = word(i - 16) + s0 + word(i - 7) + s1;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
  for (let i = 0; i < 64; i++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + (ROUND[i] as number) + word(i);
    const t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, index) => {
    hash[index] = (hash[index] as number) + value;
  });
}

function rotate(value: number, bits: number): number {
  return (value >>> bits) | (value << (32 - bits));
}
