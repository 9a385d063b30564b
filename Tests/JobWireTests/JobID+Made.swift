import JobModel
import JobTesting

extension JobID {
    /// What a job is given here whose id nobody chose.
    static func made() -> JobID { .named("made") }
}
