// @ts-check
// The shape of the data in the page. tests/unit/report/test_page_types.py compares these fields
// with what report/document.py and report/html.py write. Optional fields are absent in reports
// of earlier versions.

/**
 * @typedef {object} PageData
 * @property {ReportDocument} report
 * @property {RecentRun[]} recent oldest first, ends with this run
 * @property {string[]} spaces spaces whose assets are in this file
 */

/**
 * @typedef {object} IndexData
 * @property {RecentRun[]} runs latest first
 */

/**
 * @typedef {object} RecentRun
 * @property {string} run_id
 * @property {string} started
 * @property {string} action
 * @property {string} status
 * @property {number} changes
 * @property {number} duration_ms
 * @property {number} [assets] evaluated assets
 * @property {Record<string, number>} [shares] percent complete by part
 * @property {boolean} paged false for a run without a page: it still runs, or it was cut off
 * @property {string} page address relative to this file
 */

/**
 * @typedef {object} ReportDocument
 * @property {string} schema
 * @property {Result} result
 * @property {string} trigger
 * @property {string | null} cause
 * @property {string | null} actor
 * @property {string | null} environment
 * @property {string | null} config_hash
 * @property {string | null} started
 * @property {Reading} [reading]
 * @property {Change[]} changes
 * @property {Conflict[]} conflicts
 * @property {Issue[]} issues
 * @property {Issue[]} notes
 * @property {Listing[]} listings
 * @property {Completeness} [completeness]
 * @property {Health} [health]
 * @property {Check[]} [checks]
 * @property {Evidence} [evidence]
 */

/**
 * @typedef {object} Result
 * @property {string} run_id
 * @property {string} action
 * @property {string} status
 * @property {string} tenant
 * @property {Counts} counts tables
 * @property {Counts} databases
 * @property {SpaceResult[]} spaces
 * @property {string | null} plan_digest
 * @property {Record<string, number>} calls requests by kind
 * @property {number} duration_ms
 * @property {string | null} report
 * @property {Issue[]} errors
 */

/**
 * @typedef {object} Counts
 * @property {number} created
 * @property {number} updated
 * @property {number} restored
 * @property {number} deprecated
 * @property {number} deleted
 * @property {number} unchanged
 * @property {number} conflicts
 * @property {number} skipped
 * @property {number} failed
 */

/**
 * @typedef {object} SpaceResult
 * @property {string} space
 * @property {string | null} database
 * @property {boolean} complete
 * @property {string | null} reason
 * @property {Counts} counts
 */

/**
 * @typedef {object} Issue
 * @property {string} asset `SPACE.ASSET`, `SPACE`, or `run`
 * @property {string} code
 * @property {string} message
 * @property {string} remedy
 * @property {"act" | "wait" | "note"} [severity]
 */

/**
 * @typedef {object} Reading
 * @property {number} read
 * @property {number} reused
 * @property {number} left not read because the time of the run was over
 * @property {string | null} oldest
 */

/**
 * @typedef {object} Change
 * @property {string} action
 * @property {string} kind
 * @property {string} space
 * @property {string | null} asset
 * @property {string} database
 * @property {string | null} table
 * @property {string} reason
 * @property {FieldChange[]} fields
 * @property {ColumnChange[]} [schema] of tables only
 * @property {Rename | null} [renamed] of tables only
 * @property {Rename[]} [columns_renamed] of tables only
 * @property {string | null} outcome
 * @property {boolean} verified
 */

/**
 * @typedef {object} FieldChange
 * @property {string} field
 * @property {string | null} before
 * @property {string | null} after
 */

/**
 * @typedef {object} ColumnChange
 * @property {string} column
 * @property {string} kind
 * @property {string | null} before
 * @property {string | null} after
 */

/**
 * @typedef {object} Rename
 * @property {string} from
 * @property {string} to
 * @property {number} confidence
 * @property {string[]} evidence
 * @property {boolean} followed
 * @property {string | null} heir
 */

/**
 * @typedef {object} Conflict
 * @property {string} database
 * @property {string | null} table
 * @property {string} space
 * @property {string | null} asset
 * @property {string} field
 * @property {string | null} catalog value in Glue
 * @property {string | null} source value in Datasphere
 * @property {string} kind
 */

/**
 * @typedef {object} Listing
 * @property {string} space
 * @property {string | null} label
 * @property {boolean} complete
 * @property {number} listed
 * @property {number} read
 * @property {number} [reused]
 * @property {number} [left]
 * @property {number} unread
 */

/**
 * @typedef {object} Completeness
 * @property {SpaceCompleteness[]} spaces
 * @property {AssetScore[]} worst
 */

/**
 * @typedef {object} SpaceCompleteness
 * @property {string} space
 * @property {number} assets
 * @property {number} columns
 * @property {PartCount[]} parts
 */

/**
 * @typedef {object} PartCount
 * @property {string} part
 * @property {number} have
 * @property {number} of
 * @property {number} unavailable no source provides it
 */

/**
 * @typedef {object} AssetScore
 * @property {string} asset `SPACE.ASSET`
 * @property {string} database
 * @property {string} table
 * @property {number} score percent
 * @property {string[]} missing parts
 */

/**
 * @typedef {object} Health
 * @property {EndpointStats[]} endpoints
 * @property {SlowRequest[]} slowest
 * @property {Step[]} steps
 */

/**
 * @typedef {object} EndpointStats
 * @property {string} side
 * @property {string} endpoint
 * @property {number} calls
 * @property {number} retries
 * @property {number} throttled
 * @property {number} failed
 * @property {number} p50_ms
 * @property {number} p95_ms
 * @property {number} max_ms
 */

/**
 * @typedef {object} SlowRequest
 * @property {string} side
 * @property {string} endpoint
 * @property {string} subject
 * @property {number} ms
 */

/**
 * @typedef {object} Step
 * @property {string} step
 * @property {number} ms
 */

/**
 * @typedef {object} Check
 * @property {string} check
 * @property {string} level
 * @property {string} message
 * @property {string | null} remedy
 */

/**
 * @typedef {object} Evidence
 * @property {string | null} audit_head
 * @property {string | null} plan_digest
 * @property {string | null} config_hash
 * @property {string} version
 */

export {};
