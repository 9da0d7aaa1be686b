// @ts-check
// Names of objects on both sides.

/** @param {{ database: string, table: string | null }} object */
export const glueName = ({ database, table }) => (table ? `${database}.${table}` : database);

/** @param {{ space: string, asset: string | null }} object */
export const sapName = ({ space, asset }) => (asset ? `${space}.${asset}` : space);

/** @param {string} fullName `SPACE.ASSET` */
export const assetHash = (fullName) => `#asset=${encodeURIComponent(fullName)}`;
