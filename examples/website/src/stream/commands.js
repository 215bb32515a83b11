/** What Webots is told (W3.4). Times are milliseconds of simulated time. */

/** The first frame: what this client can show. `era` is `x3d` (2019 to 2023) or `w3d` (from 2025). */
export function hello(era, broadcast) {
  return broadcast ? `${era};broadcast` : era;
}

/** The first frame of a client that shows pictures of this size. */
export function helloPictures(width, height) {
  return `mjpeg: ${size(width, height)}`;
}

/** Runs, in mode `real-time` or `fast`, for so long; without end if negative. */
export function run(mode, limit) {
  return `${mode}:${limit}`;
}

/** Moves the limit of a simulation that runs already. */
export function limit(milliseconds) {
  return `timeout:${milliseconds}`;
}

/** Reads the world again; Webots has another word for it since 2022. */
export function reload(since2022) {
  return since2022 ? 'reload' : 'revert';
}

/** Another world of the project: new Webots look at the last part of the path only. */
export function load(world) {
  return `load:${world}`;
}

/** Asks for all files of a controller. */
export function getController(folder) {
  return `get controller:${folder}`;
}

/** Asks for one file of a controller as it is now, `DIR/FILE`. */
export function syncController(file) {
  return `sync controller:${file}`;
}

/** Overwrites a file of a controller. */
export function setController(file, content) {
  return `set controller:${file}:${content.split('\n').length}\n${content}`;
}

/** Another size of the pictures. */
export function resize(width, height) {
  return `resize: ${size(width, height)}`;
}

/** The mouse over a picture; `action` is -1 for press, 0 for move, 1 for release, 2 for the wheel. */
export function mouse(action, event, x, y, wheel = 0) {
  const modifiers = (event.shiftKey ? 1 : 0) + (event.ctrlKey ? 2 : 0) + (event.altKey ? 4 : 0);
  // Pointers that only move have no button, -1; Webots takes what a mouse says, 0.
  return `mouse ${action} ${Math.max(0, event.button)} ${event.buttons} ${Math.round(x)} ${Math.round(y)} ${modifiers} ${Math.round(wheel)}`;
}

function size(width, height) {
  return `${Math.max(1, Math.round(width))}x${Math.max(1, Math.round(height))}`;
}
