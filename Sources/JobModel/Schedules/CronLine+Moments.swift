/// When a line comes true in a time zone.
extension CronLine {
    /// Days that are looked at: with the leap day of 2100 left out, eight years lie between two.
    private static let horizon = 9 * 366

    /// The first moment after another one; nil when there is none in the next nine years.
    ///
    /// A line that names hours comes true once for a time that clocks show twice, and when they are put ahead for one that
    /// they do not show. One that does not goes on as time passes.
    package func next(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        let seconds =
            moment.milliseconds >= 0
            ? moment.milliseconds / 1000 : (moment.milliseconds - 999) / 1000
        let next = namesHours ? nextNamed(after: seconds, in: zone) : nextElapsed(after: seconds, in: zone)
        return next.map { Timestamp(milliseconds: $0 * 1000) }
    }

    /// The first moments after another one, at most so many.
    package func moments(after moment: Timestamp, count: Int, in zone: TimeZoneRules) -> [Timestamp] {
        var moments: [Timestamp] = []
        var last = moment
        while moments.count < count, let next = next(after: last, in: zone) {
            moments.append(next)
            last = next
        }
        return moments
    }

    private func nextNamed(after moment: Int64, in zone: TimeZoneRules) -> Int64? {
        let offset = zone.offset(at: moment)
        // A change of the clocks may have put a day before this one's into what is to come.
        var date = CivilDate(ofLocal: moment + offset - 86_400)
        for _ in 0..<Self.horizon {
            defer { date = date.next }
            guard contains(date) else { continue }
            for hour in hours.values {
                let start = date.number * 86_400 + Int64(hour) * 3600
                // Nothing of the hour is still to come, whatever the clocks do.
                guard start + 3600 - offset > moment - 43_200 else { continue }
                for minute in minutes.values {
                    let found = zone.moment(ofLocal: start + Int64(minute) * 60)
                    if found > moment { return found }
                }
            }
        }
        return nil
    }

    private func nextElapsed(after moment: Int64, in zone: TimeZoneRules) -> Int64? {
        var time = (moment >= 0 ? moment / 60 : (moment - 59) / 60) * 60 + 60
        var days = 0
        while days < Self.horizon {
            let local = time + zone.offset(at: time)
            var date = CivilDate(ofLocal: local)
            if contains(date) {
                if minutes.contains(Int((local / 60 % 60 + 60) % 60)) { return time }
                time += 60
                continue
            }
            repeat {
                date = months.contains(date.month) ? date.next : date.nextMonth
                days += 1
            } while !contains(date) && days < Self.horizon
            time = max(time + 60, zone.moment(ofLocal: date.number * 86_400))
        }
        return nil
    }
}

extension CronLine {
    /// All moments after one and up to another.
    func moments(after start: Timestamp, upTo end: Timestamp, in zone: TimeZoneRules) -> [Timestamp] {
        var moments: [Timestamp] = []
        var last = start
        while let next = next(after: last, in: zone), next <= end {
            moments.append(next)
            last = next
        }
        return moments
    }
}
