// Statistics of a dudect-style measurement (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?", 2017):
// Welch's t between two classes of inputs, on all samples and on those below several percentiles, since the upper tail is noise.

/** Of the two classes together: samples above this share of all are cut off. */
const crops = [1, 0.999, 0.99, 0.95, 0.9, 0.75, 0.5]

function moments(samples, limit) {
  let count = 0
  let mean = 0
  let squares = 0
  for (const sample of samples) {
    if (sample > limit) continue
    const delta = sample - mean
    mean += delta / ++count
    squares += delta * (sample - mean)
  }
  return { count, mean, variance: squares / (count - 1) }
}

/** t of one crop; 0 if there is nothing to compare. Positive: the second class takes longer. */
function welch(a, b, limit) {
  const [one, other] = [moments(a, limit), moments(b, limit)]
  const error = Math.sqrt(one.variance / one.count + other.variance / other.count)
  return error > 0 ? (other.mean - one.mean) / error : 0
}

/** The t of largest magnitude over all crops, and the difference of the medians in the unit of the samples. */
export function compare(a, b) {
  const all = Float64Array.from([...a, ...b]).sort()
  const ts = crops.map((share) => welch(a, b, all[Math.max(0, Math.ceil(all.length * share) - 1)]))
  const median = (samples) => Float64Array.from(samples).sort()[samples.length >> 1]
  return { t: ts.reduce((most, t) => Math.abs(t) > Math.abs(most) ? t : most), difference: median(b) - median(a), median: median(a) }
}
