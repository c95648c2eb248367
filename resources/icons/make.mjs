#!/usr/bin/env node
// Draws the menu-bar icons: a lightning bolt and the state's mark, black with alpha, as macOS wants template images.
// Run: node resources/icons/make.mjs
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";

/** Corners of the bolt in a square of side 16. */
const BOLT = [
  [9.6, 0.8],
  [3.2, 9.1],
  [7.3, 9.1],
  [6.1, 15.2],
  [12.8, 6.6],
  [8.5, 6.6],
];
const SAMPLES = 8;

function isInside(x, y) {
  let inside = false;
  for (let i = 0, j = BOLT.length - 1; i < BOLT.length; j = i, i += 1) {
    const [[xi, yi], [xj, yj]] = [BOLT[i], BOLT[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Share of a pixel that a shape (the bolt, unless named) covers, 0 to 255. */
export function coverage(column, row, scale, shape = isInside) {
  let hits = 0;
  for (let i = 0; i < SAMPLES * SAMPLES; i += 1) {
    const x = (column + ((i % SAMPLES) + 0.5) / SAMPLES) / scale;
    const y = (row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / scale;
    if (shape(x, y)) hits += 1;
  }
  return Math.round((255 * hits) / (SAMPLES * SAMPLES));
}

export function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** Distance from a point to a stroke from a to b. */
function distance(x, y, [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** Strokes with round ends: each two points apart, or one point for a dot. Half their width. */
const stroke = (points, half) => (x, y) =>
  points.some((point, at) => at > 0 && distance(x, y, points[at - 1], point) <= half) ||
  (points.length === 1 && Math.hypot(x - points[0][0], y - points[0][1]) <= half);
const any =
  (...shapes) =>
  (x, y) =>
    shapes.some((shape) => shape(x, y));
const OUTLINE = stroke([...BOLT, BOLT[0]], 0.62);
const without = (shape, hole) => (x, y) => shape(x, y) && !hole(x, y);

/** Marks stand in the lower right corner, with a clear edge around them. */
const PAUSE = [0, 3.1].map((shift) => [
  [10.4 + shift, 10.6],
  [10.4 + shift, 14.4],
]);
const CHECK = [
  [8.9, 12.4],
  [10.9, 14.4],
  [14.6, 9.6],
];
const BANG = [
  [
    [13.2, 2.2],
    [13.2, 9.2],
  ],
  [[13.2, 12.6]],
];
const marked = (strokes, half, clear) =>
  any(without(isInside, any(...strokes.map((one) => stroke(one, half + clear)))), ...strokes.map((one) => stroke(one, half)));

/** Told by shape alone: a template image has no colour. */
const STATES = {
  idle: OUTLINE,
  preparing: any(OUTLINE, (x, y) => y > 8.2 && isInside(x, y)),
  training: any(isInside, OUTLINE),
  resting: marked(PAUSE, 0.95, 0.9),
  "needs-you": marked(BANG, 1.15, 0.9),
  done: marked([CHECK], 0.95, 0.9),
};

/** 8 bits, grey with alpha (colour type 4), no filter. */
function png(shape, side) {
  const rows = Buffer.alloc(side * (1 + 2 * side));
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) rows[row * (1 + 2 * side) + 2 + 2 * column] = coverage(column, row, side / 16, shape);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 4, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

// macOS knows a template image by the end of its name, and the sharper one by @2x.
if (import.meta.main) {
  for (const [state, shape] of Object.entries(STATES)) {
    writeFileSync(join(import.meta.dirname, `tray-${state}Template.png`), png(shape, 16));
    writeFileSync(join(import.meta.dirname, `tray-${state}Template@2x.png`), png(shape, 32));
  }
}
