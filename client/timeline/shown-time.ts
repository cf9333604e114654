/** Formats a length of time given in hundredths of a millisecond, with three digits: `12.3 ms`, `4.56 s`, `7 min 8 s`. */
export function shownTime(hundredths: number): string {
  const ms = hundredths / 100;
  if (ms < 999.5) return `${digits(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 99.95) return `${digits(seconds)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}

function digits(value: number): string {
  const places = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return String(Number(value.toFixed(places)));
}

/**
 * Returns round times in [from, to] for an axis, with their labels: about `count`, all the same distance apart. Labels
 * have enough digits to differ from their neighbors.
 */
export function axisTimes(from: number, to: number, count: number): { at: number; label: string }[] {
  const step = roundStep((to - from) / Math.max(1, count));
  const unit = to < 100_000 ? { size: 100, name: "ms" } : { size: 100_000, name: "s" };
  const places = Math.max(0, Math.ceil(-Math.log10(step / unit.size) - 1e-9));
  const times: { at: number; label: string }[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step)
    times.push({
      at,
      label: to > 20_000_000 ? clockTime(at, step) : `${(at / unit.size).toFixed(places)} ${unit.name}`,
    });
  return times;
}

/** The smallest of 1, 2, 5, 10, 20, … that is not below `least`; from a minute on, of round minutes and hours. */
function roundStep(least: number): number {
  const [minute, hour] = [6_000_000, 360_000_000];
  if (least > minute / 2) {
    const long = [1, 2, 5, 10, 30].map((one) => one * minute);
    return long.find((one) => one >= least) ?? Math.ceil(least / hour) * hour;
  }
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= least) ?? power;
}

/** Formats a time as hours, minutes and seconds: `1:02:03`. */
function clockTime(hundredths: number, step: number): string {
  const seconds = hundredths / 100_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const digits = step < 100_000 ? (seconds % 1).toFixed(2).slice(1) : "";
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}${digits}`;
}
