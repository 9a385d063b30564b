import JobWire

/// What people typed, by the names that the protocol has for it.
enum Flags {
    private static let names = [
        "jobId": "the job's id", "jobIds": "the jobs' ids", "jobType": "--type", "message": "--message",
        "metadata": "--metadata", "queue": "--queue", "priority": "--priority", "runAt": "--run-at",
        "delaySeconds": "--delay",
        "maxAttempts": "--max-attempts", "fileIds": "--file-id", "status": "--status", "q": "--search",
        "limit": "--limit",
        "cursor": "--cursor", "after": "--after", "run": "--run", "reason": "--reason", "name": "the name",
        "directory": "the directory", "queues": "--queues", "jobTypes": "--types", "worker": "--worker",
        "count": "--places", "webhook": "--webhook", "owner": "--owner", "afterPolicy": "--after-any",
        "limitKey": "--limit-key", "dedupeKey": "--dedupe-key", "dedupeSeconds": "--dedupe-seconds",
        "retry/delay": "--retry-delay", "retry/maximumDelay": "--maximum-retry-delay", "timeouts": "--time-limit",
        "endedBefore": "--ended-before", "createdSince": "--since", "createdBefore": "--until", "seconds": "--for",
    ]

    /// The daemon's sentence with the flag in the place of a JSON Pointer.
    static func sentence(of refusal: Refusal) -> String {
        guard let pointer = refusal.pointer,
            let member = pointer.split(separator: "/", omittingEmptySubsequences: true).first,
            let name = names[String(pointer.dropFirst())] ?? names[String(member)]
        else { return refusal.message }
        let told = refusal.message.replacing(pointer, with: name)
        return told == refusal.message ? "\(name): \(told)" : told
    }
}
