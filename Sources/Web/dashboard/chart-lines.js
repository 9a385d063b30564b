/** The size of a chart in its own units. */
export const WIDTH = 300;
export const HEIGHT = 84;

/** The minutes of a chart: empty ones take the place of those that ended before the daemon's start, of which it knows nothing. */
export function known(minutes, startedAt) {
  const start = Date.parse(startedAt) - 60_000;
  return minutes.map((minute) => (Date.parse(minute.at) > start ? minute : { waitMs: {}, runMs: {} }));
}

/** A round number at or above the largest value, for the top of a chart: 1, 2, 5, 10, 20, … */
export function ceiling(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= value * 0.999);
}

/** The path of a line through values, from left to right; a null is a gap. A lone value is a short line. */
export function linePath(values, top, width = WIDTH, height = HEIGHT) {
  const step = width / Math.max(1, values.length - 1);
  let path = "";
  let isDown = false;
  values.forEach((value, index) => {
    if (value === null || value === undefined) {
      isDown = false;
      return;
    }
    const x = round(index * step), y = round(height - (Math.min(value, top) / top) * height);
    path += `${isDown ? "L" : "M"}${x} ${y}`;
    const next = values[index + 1];
    if (!isDown && (next === null || next === undefined)) path += `h${index === values.length - 1 ? -2 : 2}`;
    isDown = true;
  });
  return path;
}

function round(number) {
  return Math.round(number * 10) / 10;
}
