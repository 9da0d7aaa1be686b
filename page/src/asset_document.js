// @ts-check
// The shape of the packed assets. tests/unit/report/test_page_types.py compares these fields with
// what outcome/asset_index.py and outcome/packed_asset.py write.

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
 * @property {string} [lineage_complete] "false", or absent
 * @property {[object: string, columns: [column: string, ...how: string[]][]][]} [indirect_lineage]
 * @property {string[]} [filter] conditions of the query as SQL
 * @property {CrossCalculation[]} [cross_calculations]
 * @property {ModelSource[]} [sources]
 * @property {AccessControl[]} [access_controls]
 * @property {Load[]} [loads]
 * @property {Record<string, string>} [personal_data]
 * @property {Record<string, string>} [release]
 * @property {(number | ColumnRow)[]} columns
 * @property {Origins} [origins] what the columns are made from
 * @property {ColumnDetails[]} [details]
 */

/**
 * An entry of `columns` is the position of an object that hands a column of the same name through,
 * or lists what the column is made from. Empty entries at the end are absent.
 *
 * @typedef {object} Origins
 * @property {string[]} objects `SPACE.OBJECT`
 * @property {(number | PackedOrigin[])[]} columns
 */

/**
 * `how` is absent where the value is handed through.
 *
 * @typedef {[object: number, column: string, how?: string]} PackedOrigin
 */

/**
 * What only some columns have.
 *
 * @typedef {object} ColumnDetails
 * @property {number} at position of the column
 * @property {string} [measure_type] SAP's word, if it is not `BASE`
 * @property {string} [formula]
 * @property {string} [exception_aggregation]
 * @property {string[]} [exception_columns]
 * @property {string[]} [distinct_columns]
 * @property {Record<string, string>} [conversion]
 * @property {string} [non_additive] "true"
 * @property {string} [default]
 * @property {EnumValue[]} [values]
 * @property {Record<string, string>} [personal_data]
 * @property {Record<string, string>} [release]
 */

/**
 * @typedef {object} EnumValue
 * @property {string} name
 * @property {string} [value]
 * @property {string} [label]
 * @property {string} [description]
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
 * @property {boolean} [hidden]
 * @property {string} [usage]
 * @property {string} [selection]
 * @property {boolean} [multiple]
 * @property {string} [derived_from]
 * @property {string} [derived_column]
 * @property {unknown} [custom]
 */

/**
 * @typedef {object} CrossCalculation
 * @property {string} name
 * @property {string} [label]
 * @property {string} [kind]
 * @property {string} [formula]
 */

/**
 * @typedef {object} ModelSource
 * @property {string} role
 * @property {string} name alias in the model
 * @property {string} space
 * @property {string} target
 * @property {string} [label]
 * @property {string[]} [associations]
 * @property {BoundParameter[]} [parameters]
 * @property {Affix} [affix]
 */

/**
 * @typedef {object} BoundParameter
 * @property {string} name
 * @property {string} [how]
 * @property {string} [value]
 * @property {string} [variable]
 */

/**
 * @typedef {object} Affix
 * @property {string} text
 * @property {string} type
 */

/**
 * @typedef {object} AccessControl
 * @property {string} name `SPACE.OBJECT`
 * @property {string[]} [columns]
 * @property {string} [kind]
 */

/**
 * @typedef {object} Load
 * @property {string} kind
 * @property {string} name `SPACE.OBJECT`
 * @property {string[]} [sources]
 * @property {string} [connection]
 * @property {string} [system]
 * @property {string} [mode]
 * @property {string} [schedule]
 * @property {string} [target]
 * @property {string} [changed_on]
 */

export {};
