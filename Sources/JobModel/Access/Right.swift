/// What a caller must be allowed, of which every operation and method needs one.
package enum Right: String, Sendable, CaseIterable {
    /// Everybody has it.
    case `public`
    /// To upload, to create jobs and to give them their input.
    case create
    /// To see one job, its log and what it made.
    case read
    /// To change one job.
    case write
    /// To take jobs and to run them.
    case work
    /// To see everything.
    case observe
    /// To change everything.
    case operate

    /// Whether it lets one see, and change nothing.
    package var isToRead: Bool {
        switch self {
        case .public, .read, .observe: true
        case .create, .write, .work, .operate: false
        }
    }
}
