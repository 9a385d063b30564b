/// What later steps change, in their order.
extension Schema {
    /// The partial indexes once more, with conditions of NULLs only.
    ///
    /// For `IN` with more than two words SQLite makes a table in memory at each insert and at each change of a state: with
    /// three such conditions, a row cost 44 µs instead of 12.
    static let indexesOfNulls = """
        DROP INDEX job_active;
        DROP INDEX job_by_end;
        DROP INDEX job_by_creation;
        CREATE INDEX job_active ON job (number) WHERE finished_at IS NULL AND gone_at IS NULL;
        CREATE INDEX job_by_end ON job (finished_at) WHERE finished_at IS NOT NULL AND gone_at IS NULL;
        CREATE INDEX job_by_creation ON job (created_at, number) WHERE gone_at IS NULL;
        """

    /// Totals, so that a start does not count what there is; and metadata where a job needs no second row for it.
    ///
    /// What was stored before keeps its metadata in `job_detail`.
    static let totalsAndShortMetadata = """
        ALTER TABLE job ADD COLUMN metadata TEXT;

        -- Jobs that are not gone; changed in the same transaction as they are.
        CREATE TABLE job_total (
            queue TEXT NOT NULL,
            status TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (queue, status)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO job_total
            SELECT queue, status, count(*) FROM job WHERE gone_at IS NULL GROUP BY queue, status;

        CREATE TABLE file_total (count INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
        INSERT INTO file_total SELECT count(*), ifnull(sum(size), 0) FROM file;
        """

    /// Runs with a number; of those before, the number is the attempt's, and their lines have none.
    ///
    /// The lines of a deleted job go in pieces, found by an index: `line_count` is 0 when none is left.
    static let runs = """
        ALTER TABLE job ADD COLUMN run INTEGER;
        ALTER TABLE job ADD COLUMN releases INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE job ADD COLUMN lease_seconds INTEGER;
        ALTER TABLE job ADD COLUMN heard_at INTEGER;
        UPDATE job SET run = attempt WHERE attempt > 0;
        ALTER TABLE job_detail ADD COLUMN earlier_attempts TEXT;
        ALTER TABLE log_line ADD COLUMN run INTEGER NOT NULL DEFAULT 0;

        CREATE INDEX job_gone_lines ON job (number) WHERE gone_at IS NOT NULL AND line_count > 0;

        -- At most one row: when the clock was believed last.
        CREATE TABLE clock (now INTEGER NOT NULL, boot_id TEXT NOT NULL, passed INTEGER NOT NULL) STRICT;
        INSERT INTO clock
            SELECT moment, '', 0 FROM (SELECT max(
                ifnull((SELECT max(created_at) FROM job WHERE gone_at IS NULL), 0),
                ifnull((SELECT max(finished_at) FROM job WHERE finished_at IS NOT NULL AND gone_at IS NULL), 0),
                ifnull((SELECT max(created_at) FROM file WHERE uses = 0), 0)) AS moment)
            WHERE moment > 0;
        """

    /// Whose a job and a file is; what was stored before is nobody's.
    static let owners = """
        ALTER TABLE job ADD COLUMN owner TEXT;
        ALTER TABLE file ADD COLUMN owner TEXT;
        CREATE INDEX job_by_owner ON job (owner, created_at, number) WHERE owner IS NOT NULL AND gone_at IS NULL;
        """

    /// Workers, and the tokens by which they hold jobs.
    static let leases = """
        ALTER TABLE job ADD COLUMN worker TEXT;
        ALTER TABLE job ADD COLUMN lease_token TEXT;
        """

    /// What a job's life depends on beside itself; and what is stored under a name: batches, schedules, a drain.
    static let wholeLives = """
        ALTER TABLE job ADD COLUMN queued_at INTEGER;
        ALTER TABLE job ADD COLUMN retried_at INTEGER;
        ALTER TABLE job ADD COLUMN dedupe_key TEXT;
        ALTER TABLE job ADD COLUMN batch_id TEXT;
        ALTER TABLE job ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE job_detail ADD COLUMN terms TEXT;
        UPDATE job SET bytes = ifnull((
            SELECT sum(json_extract(value, '$.size')) FROM job_detail, json_each(job_detail.files)
            WHERE job_detail.number = job.number), 0) + ifnull((
            SELECT sum(json_extract(value, '$.size')) FROM job_detail, json_each(job_detail.artifacts)
            WHERE job_detail.number = job.number), 0)
        WHERE number IN (SELECT number FROM job_detail WHERE files <> '[]' OR artifacts <> '[]');
        CREATE INDEX job_gone ON job (gone_at) WHERE gone_at IS NOT NULL;
        CREATE INDEX job_by_dedupe_key ON job (dedupe_key, finished_at)
            WHERE dedupe_key IS NOT NULL AND gone_at IS NULL;
        CREATE INDEX job_by_batch ON job (batch_id) WHERE batch_id IS NOT NULL AND gone_at IS NULL;

        CREATE TABLE named (
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            revision INTEGER NOT NULL,
            is_active INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (kind, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX named_active ON named (kind, name) WHERE is_active = 1;
        """

    /// Whose quota a job and a file use up, and how many bytes each account has; what is nobody's was made from an address
    /// that nobody knows any more.
    static let accounts = """
        ALTER TABLE job ADD COLUMN account TEXT;
        ALTER TABLE file ADD COLUMN account TEXT;
        UPDATE job SET account = 'owner:' || owner WHERE owner IS NOT NULL AND gone_at IS NULL;
        UPDATE file SET account = 'owner:' || owner WHERE owner IS NOT NULL;

        -- Without a name: what nobody is charged for. Changed in the same transaction as jobs and files are.
        CREATE TABLE account_total (
            account TEXT NOT NULL PRIMARY KEY,
            bytes INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO account_total
            SELECT account, CAST(min(total(bytes), 1 << 61) AS INTEGER) FROM (
                SELECT ifnull(account, '') AS account, size AS bytes FROM file
                UNION ALL
                SELECT ifnull(job.account, ''), json_extract(value, '$.size')
                FROM job JOIN job_detail ON job_detail.number = job.number, json_each(job_detail.artifacts)
                WHERE job_detail.artifacts <> '[]')
            GROUP BY account HAVING total(bytes) > 0;
        """

    /// Messages to webhooks: what is due, what waits for the one before it, and what has ended.
    static let outbox = """
        CREATE TABLE delivery (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            webhook TEXT NOT NULL,
            job_id TEXT NOT NULL,
            moment TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            body TEXT NOT NULL,
            status TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            next_at INTEGER,
            ended_at INTEGER,
            tried_at INTEGER,
            http_status INTEGER,
            problem TEXT
        ) STRICT;
        CREATE INDEX delivery_due ON delivery (webhook, next_at) WHERE next_at IS NOT NULL;
        CREATE INDEX delivery_pending ON delivery (job_id, webhook, number) WHERE ended_at IS NULL;
        CREATE INDEX delivery_ended ON delivery (ended_at) WHERE ended_at IS NOT NULL;
        """

    /// What is left of deleted jobs, in short rows of their own, so that the pages of the jobs are free; and what ended jobs
    /// have, so that nobody adds it up.
    ///
    /// A deleted job keeps its row in `job` until its log has gone, which happens in pieces; so do those that were deleted
    /// before.
    static let tombstones = """
        CREATE TABLE tombstone (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            revision INTEGER NOT NULL,
            status TEXT NOT NULL,
            finished_at INTEGER,
            gone_at INTEGER NOT NULL,
            owner TEXT
        ) STRICT;
        CREATE INDEX tombstone_by_age ON tombstone (gone_at);
        DROP INDEX job_gone_lines;

        -- Files and artifacts of the jobs that have ended; changed in the same transaction as they are.
        CREATE TABLE ended_total (bytes INTEGER NOT NULL) STRICT;
        INSERT INTO ended_total
            SELECT CAST(min(total(bytes), 1 << 61) AS INTEGER) FROM job WHERE finished_at IS NOT NULL AND gone_at IS NULL;
        """
}
