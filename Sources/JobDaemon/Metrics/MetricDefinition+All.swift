extension MetricDefinition {
    /// From 5 ms to an hour, for what jobs take.
    private static let jobSpans = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1800, 3600]
    /// From half a millisecond to 5 s, for what the disk takes.
    private static let commitSpans = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
    private static let batchSizes: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048]

    /// Every metric of the daemon, in the order in which it is told.
    static let all: [MetricDefinition] = [
        .init("jobd_build_info", .gauge, "Always 1; the label is the daemon's version."),
        .init("jobd_jobs", .gauge, "Jobs by queue and state."),
        .init(
            "jobd_jobs_silent", .gauge, "Jobs that the application runs and of which it has said nothing for an hour."),
        .init("jobd_queue_width", .gauge, "Jobs of the queue that may run at the same time."),
        .init("jobd_queue_paused", .gauge, "1 while the queue starts no jobs."),
        .init(
            "jobd_queue_oldest_seconds", .gauge, "How long the job that came first of those that wait has waited."),
        .init("jobd_jobs_created_total", .counter, "Jobs created."),
        .init("jobd_jobs_started_total", .counter, "Attempts started, those after a crash included."),
        .init("jobd_jobs_completed_total", .counter, "Jobs that ended with a result."),
        .init("jobd_jobs_failed_total", .counter, "Jobs that ended with an error, after their last attempt."),
        .init("jobd_jobs_cancelled_total", .counter, "Jobs that were cancelled."),
        .init("jobd_job_wait_seconds", .histogram(bounds: jobSpans), "How long jobs waited for a slot."),
        .init("jobd_job_run_seconds", .histogram(bounds: jobSpans), "How long jobs ran from their start to their end."),
        .init("jobd_commit_batch_size", .histogram(bounds: batchSizes), "Changes that one write to the disk carried."),
        .init(
            "jobd_commit_duration_seconds", .histogram(bounds: commitSpans),
            "How long it took until a batch of changes was on the disk."),
        .init("jobd_commits_failed_total", .counter, "Batches of changes that the store did not take."),
        .init("jobd_store_writable", .gauge, "0 after a commit has failed, until one succeeds."),
        .init("jobd_store_log_bytes", .gauge, "The size of the store's write-ahead log."),
        .init("jobd_sandbox_working", .gauge, "1 while steps run in sandboxes, 0 while they do not or cannot."),
        .init("jobd_files", .gauge, "Uploaded files that are kept."),
        .init("jobd_files_bytes", .gauge, "Their size together."),
        .init("jobd_storage_free_bytes", .gauge, "What the file system of the storage directory has left for jobd."),
        .init("jobd_storage_size_bytes", .gauge, "The size of that file system."),
        .init("jobd_control_connections", .gauge, "Open connections of the control socket."),
        .init("jobd_watches", .gauge, "Watches of the control socket."),
        .init("jobd_waits", .gauge, "Requests that wait for a job to change."),
        .init("jobd_fronts", .gauge, "Fronts that have reported."),
        .init("jobd_streams", .gauge, "Open event streams of all fronts."),
        .init("jobd_uploads", .gauge, "Uploads that arrive at the fronts."),
        .init("jobd_webhook_pending", .gauge, "Messages to webhooks that have neither arrived nor been given up."),
        .init("jobd_webhook_oldest_seconds", .gauge, "The age of the oldest of them, 0 when there is none."),
        .init("jobd_webhook_sender", .gauge, "1 while there is a process that sends them."),
        .init(
            "jobd_http_requests_total", .counter, "Requests that the fronts answered."
        ),
        .init("process_cpu_seconds_total", .counter, "Processor time of the daemon, user and system, in seconds."),
        .init("process_resident_memory_bytes", .gauge, "Memory of the daemon that is resident."),
        .init("process_virtual_memory_bytes", .gauge, "Address space of the daemon."),
        .init("process_threads", .gauge, "Threads of the daemon."),
        .init("process_open_fds", .gauge, "Open file descriptors of the daemon."),
        .init("process_max_fds", .gauge, "The most file descriptors that the daemon may have open."),
        .init("process_start_time_seconds", .gauge, "When the daemon's process started, since 1970."),
    ]
}
