// @ts-check
// The shape of the packed assets. tests/unit/report/test_page_types.py compares these fields with
// what outcome/asset_index.py writes.

/**
 * @typedef {object} IndexDocument
 * @property {string[]} spaces
 * @property {AssetRow[]} assets
 * @property {string[]} [left_out] spaces whose details are not in this file
 */

/**
 * One asset of the index. `space` and `upstream` are positions in the lists of the index; `table`
 * is empty where it is the name in lower case; `columns` is their number.
 *
 * @typedef {[space: number, name: string, table: string, label: string, kind: string, score: number, upstream: number[], columns: number]} AssetRow
 */

/**
 * @typedef {object} SpaceDocument
 * @property {string} space
 * @property {string} database
 * @property {AssetDocument[]} assets
 */

/**
 * A number in `columns` is the position of a row that occurred before in this space.
 *
 * @typedef {object} AssetDocument
 * @property {string} name
 * @property {string} [table]
 * @property {string} [label]
 * @property {string} [description]
 * @property {string} [kind]
 * @property {string} [usage]
 * @property {string} [status]
 * @property {string} [owner]
 * @property {string} [steward]
 * @property {string} [certification]
 * @property {string[]} [tags]
 * @property {string[]} [terms]
 * @property {Hierarchy[]} [hierarchies]
 * @property {Association[]} [associations]
 * @property {Variable[]} [variables]
 * @property {string[]} [lineage] `SPACE.ASSET`
 * @property {(number | ColumnRow)[]} columns
 */

/**
 * One column. `glue` is empty where it is the SAP name in lower case; `key` is 1 for a key. Empty
 * values at the end are absent.
 *
 * @typedef {[glue: string, sap?: string, label?: string, role?: string, type?: string, sapType?: string, key?: number, aggregation?: string, unit?: string, description?: string]} ColumnRow
 */

/**
 * @typedef {object} Hierarchy
 * @property {string} name
 * @property {string} [kind]
 * @property {string} [label]
 * @property {string[]} [levels]
 * @property {string[]} [parent]
 * @property {string[]} [child]
 * @property {string} [association]
 * @property {unknown} [custom]
 */

/**
 * @typedef {object} Association
 * @property {string} name
 * @property {string} [label]
 * @property {string} [space] space of the target, if it is another one
 * @property {string} [target]
 * @property {[string, string][]} [columns]
 * @property {boolean} [composition]
 * @property {string} [cardinality]
 * @property {unknown} [custom]
 */

/**
 * @typedef {object} Variable
 * @property {string} name
 * @property {string} [label]
 * @property {string} [type]
 * @property {boolean} [mandatory]
 * @property {string} [kind]
 * @property {string} [column]
 * @property {string} [description]
 * @property {string} [default]
 * @property {unknown} [custom]
 */

export {};
