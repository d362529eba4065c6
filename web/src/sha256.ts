/** SHA-256 (FIPS 180-4) of a short ASCII text, at once: the browser's own is asynchronous, and missing without https. */
export function sha256(text: string): Int32Array {
  const length = text.length;
  const words = new Int32Array((((length + 8) >> 6) + 1) * 16);
  for (let place = 0; place < length; place += 1) {
    words[place >> 2] = at(words, place >> 2) | (text.charCodeAt(place) << (24 - (place & 3) * 8));
  }
  words[length >> 2] = at(words, length >> 2) | (0x80 << (24 - (length & 3) * 8));
  words[words.length - 1] = length * 8;
  const hash = Int32Array.from(BEGIN);
  const line = new Int32Array(64);
  for (let block = 0; block < words.length; block += 16) {
    for (let place = 0; place < 64; place += 1) {
      line[place] = place < 16 ? at(words, block + place) : stretched(line, place);
    }
    mix(hash, line);
  }
  return hash;
}

function stretched(line: Int32Array, place: number): number {
  const early = at(line, place - 15);
  const late = at(line, place - 2);
  const one = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
  const two = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
  return at(line, place - 16) + one + at(line, place - 7) + two;
}

function mix(hash: Int32Array, line: Int32Array): void {
  let a = at(hash, 0), b = at(hash, 1), c = at(hash, 2), d = at(hash, 3);
  let e = at(hash, 4), f = at(hash, 5), g = at(hash, 6), h = at(hash, 7);
  for (let place = 0; place < 64; place += 1) {
    const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + at(ROUNDS, place) + at(line, place);
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  const mixed = [a, b, c, d, e, f, g, h];
  mixed.forEach((word, place) => (hash[place] = at(hash, place) + word));
}

function at(list: Int32Array, place: number): number {
  return list[place] ?? 0;
}

/** How many zeros a hash begins with, of its first 32. */
export function leadingZeros(hash: Int32Array): number {
  return Math.clz32(hash[0] ?? 0);
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** The first 32 bits behind the point of the roots of the first primes. */
function roots(count: number, power: number): Int32Array {
  const found = new Int32Array(count);
  let place = 0;
  for (let candidate = 2; place < count; candidate += 1) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) if (candidate % divisor === 0) prime = false;
    if (!prime) continue;
    const root = power === 2 ? Math.sqrt(candidate) : Math.cbrt(candidate);
    found[place] = (root - Math.floor(root)) * 0x1_0000_0000;
    place += 1;
  }
  return found;
}

const BEGIN = roots(8, 2);
const ROUNDS = roots(64, 3);
