extension Schema {
    /// What changes often is apart from what is large: a commit of progress rewrites a short row of `job`.
    ///
    /// States are words, so that an operator can read the tables. A deleted job keeps its row for a while, with the state
    /// `gone` (``tombstones``).
    static let first = """
        CREATE TABLE job (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            revision INTEGER NOT NULL,
            status TEXT NOT NULL,
            job_type TEXT NOT NULL,
            queue TEXT NOT NULL,
            priority INTEGER NOT NULL,
            max_attempts INTEGER NOT NULL,
            has_input INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            progress REAL NOT NULL,
            step TEXT,
            message TEXT,
            attempt INTEGER NOT NULL,
            crashes INTEGER NOT NULL,
            runner TEXT,
            version INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER,
            run_at INTEGER,
            cancel_requested_at INTEGER,
            line_count INTEGER NOT NULL,
            gone_status TEXT,
            gone_at INTEGER,
            CHECK ((status = 'gone') = (gone_at IS NOT NULL))
        ) STRICT;

        CREATE INDEX job_active ON job (number) WHERE status IN ('pending', 'scheduled', 'queued', 'processing');

        CREATE INDEX job_by_creation ON job (created_at, number) WHERE status <> 'gone';

        -- A job without a row here has none of this.
        CREATE TABLE job_detail (
            number INTEGER PRIMARY KEY REFERENCES job (number),
            metadata TEXT NOT NULL,
            files TEXT NOT NULL,
            file_names TEXT NOT NULL,
            result TEXT,
            error TEXT,
            artifacts TEXT NOT NULL
        ) STRICT;

        CREATE TABLE log_line (
            job INTEGER NOT NULL REFERENCES job (number),
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            step TEXT NOT NULL,
            stream TEXT NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (job, number)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE file (
            id TEXT NOT NULL PRIMARY KEY,
            revision INTEGER NOT NULL,
            uses INTEGER NOT NULL CHECK (uses >= 0),
            created_at INTEGER NOT NULL,
            name TEXT NOT NULL,
            size INTEGER NOT NULL,
            media_type TEXT NOT NULL,
            sha256 TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE paused_queue (name TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
        """
}
