/** The candidate that a word was most likely meant to be; undefined where none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const meant = normalise(word);
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(meant, normalise(candidate));
    if (best === undefined || distance < best.distance) best = { candidate, distance };
  }
  // A third of the letters may be wrong: beyond that a suggestion misleads more often than it helps.
  return best !== undefined && best.distance <= Math.max(1, Math.floor(meant.length / 3)) ? best.candidate : undefined;
}

/** `awsRegion` and `AWS-Region` are `aws_region` spelt by another convention, not other words. */
function normalise(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, "");
}

/** How many letters must be put in, taken out or changed to make one word the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
