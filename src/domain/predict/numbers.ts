/** The arithmetic below the predictions: small, exact where it can be, and the same on every machine. */

/** Reads a place that is known to exist. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

export function sigmoid(logit: number): number {
  return logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));
}

export function logitOf(share: number): number {
  const kept = clamp(share, 1e-6, 1 - 1e-6);
  return Math.log(kept / (1 - kept));
}

/** The derivative of ln Γ, by its recurrence up to 6 and its asymptotic series from there. */
export function digamma(x: number): number {
  let value = x;
  let sum = 0;
  while (value < 6) {
    sum -= 1 / value;
    value += 1;
  }
  const square = 1 / (value * value);
  return (
    sum + Math.log(value) - 0.5 / value - square * (1 / 12 - square * (1 / 120 - square / 252))
  );
}

/** Solves A·x = b for a symmetric positive definite A (row by row, lower half read), by Cholesky. */
export function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const lower = Float64Array.from(matrix);
  const x = Float64Array.from(right);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = at(lower, i * n + j);
      for (let k = 0; k < j; k += 1) sum -= at(lower, i * n + k) * at(lower, j * n + k);
      lower[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / at(lower, j * n + j);
    }
  }
  for (let i = 0; i < n; i += 1) {
    let sum = at(x, i);
    for (let k = 0; k < i; k += 1) sum -= at(lower, i * n + k) * at(x, k);
    x[i] = sum / at(lower, i * n + i);
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = at(x, i);
    for (let k = i + 1; k < n; k += 1) sum -= at(lower, k * n + i) * at(x, k);
    x[i] = sum / at(lower, i * n + i);
  }
  return x;
}

/** The value below which `share` of the weight lies; values need no order. NaN without weight. */
export function weightedQuantile(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  share: number,
): number {
  const order = Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => at(values, a) - at(values, b),
  );
  const total = order.reduce((sum, i) => sum + at(weights, i), 0);
  let passed = 0;
  for (const i of order) {
    passed += at(weights, i);
    if (passed >= share * total) return at(values, i);
  }
  return Number.NaN;
}
