/**
 * Which way is what. Until R2021 cameras looked along -z with y above and cylinders stood along y, as in
 * X3D; since R2022 cameras look along x with z above, and cylinders stand along z.
 *
 * @param {string} [version] as `R2023b`
 * @param {import('./document.js').X3dNode} [worldInfo]
 */
export function conventions(version, worldInfo) {
  const year = Number(/R(\d{4})/.exec(version ?? '')?.[1] ?? 0);
  const since2022 = year >= 2022;
  const system = worldInfo?.attributes.coordinateSystem ?? (since2022 ? 'ENU' : 'NUE');
  return { since2022, up: system.endsWith('U') ? 'z' : 'y' };
}
