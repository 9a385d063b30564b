/// A binary heap whose owner decides late which entries still count.
///
/// An entry is never removed from the middle: the owner says, when it comes to the top, whether it is stale. So a job that
/// leaves a queue costs nothing, and undoing a change is adding an entry again.
package struct LazyHeap<Element: Comparable & Sendable>: Sendable {
    private var elements: [Element] = []

    package init() {}

    package var count: Int { elements.count }

    package mutating func insert(_ element: Element) {
        elements.append(element)
        siftUp(from: elements.count - 1)
    }

    /// The smallest element that is not stale; stale ones before it are dropped.
    package mutating func first(where isCurrent: (Element) -> Bool) -> Element? {
        while let top = elements.first {
            if isCurrent(top) { return top }
            removeFirst()
        }
        return nil
    }

    /// Drops the stale entries once they outnumber the `live` ones by far, so that memory follows the live ones.
    package mutating func compact(live: Int, isCurrent: (Element) -> Bool) {
        guard elements.count > 2 * live + 64 else { return }
        var kept: [Element] = []
        for element in elements.filter(isCurrent).sorted() where element != kept.last { kept.append(element) }
        elements = kept
    }

    /// Gives back the room of entries that have gone.
    package mutating func shrink() {
        var fitting: [Element] = []
        fitting.reserveCapacity(elements.count)
        fitting += elements
        elements = fitting
    }

    /// Drops the smallest element, stale or not; without one does nothing.
    package mutating func removeFirst() {
        guard let last = elements.popLast(), !elements.isEmpty else { return }
        elements[0] = last
        siftDown()
    }

    private mutating func siftUp(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard elements[child] < elements[parent] else { return }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < elements.count {
                if elements[child] < elements[smallest] { smallest = child }
            }
            guard smallest != parent else { return }
            elements.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
