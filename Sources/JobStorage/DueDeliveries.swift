package import JobModel

/// What is to be sent now.
package struct DueDeliveries: Hashable, Sendable {
    /// At most as many of each webhook as was asked for, the oldest first.
    package var deliveries: [Delivery]
    /// When another one is due; nil while nothing waits for its time.
    package var next: Timestamp?

    package init(deliveries: [Delivery] = [], next: Timestamp? = nil) {
        self.deliveries = deliveries
        self.next = next
    }
}
