/// What is kept in step with the jobs of a map.
///
/// A change takes the job's old state out and puts its new one in; taking the change back does the reverse, and leaves
/// nothing behind that counts. Neither takes longer for many jobs than for few.
protocol JobIndex: Sendable {
    /// Puts a job in as it is now; `records` hold it already.
    mutating func add(_ job: Job, among records: JobRecords)

    /// Takes a job out as it was until now; `records` hold it still.
    mutating func remove(_ job: Job, among records: JobRecords)

    /// Gives back the memory of jobs that have left.
    mutating func shrink()
}
