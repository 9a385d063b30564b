/// What has come of a resumable upload.
package struct PartialState: Hashable, Sendable {
    /// How many lie on the disk, whether or not they are synced.
    package let bytes: Int64
    /// When it was written last.
    package let changed: Timestamp
    /// Whether somebody writes it.
    package let isHeld: Bool

    package init(bytes: Int64, changed: Timestamp, isHeld: Bool) {
        self.bytes = bytes
        self.changed = changed
        self.isHeld = isHeld
    }
}
