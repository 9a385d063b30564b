import JSON

/// Jobs that are made again and again by themselves.
extension JobMap {
    /// Takes note of what clocks show in a time zone.
    package mutating func admit(_ zone: TimeZoneRules, named name: String) {
        schedules.admit(zone, named: name)
        for case .schedule(let schedule) in named.all where schedule.plan.timeZone == name {
            schedules.set(schedule, named: schedule.name)
        }
    }

    /// Whether it is known what clocks show there.
    package func knows(timeZone name: String) -> Bool { schedules.zone(name) != nil }

    /// All schedules in the order of their names.
    package var allSchedules: [Schedule] { named.all.compactMap(\.schedule).sorted { $0.name < $1.name } }

    /// The next moments after `now`, five at most, the earliest first; none of a schedule that never comes again.
    package func nextMoments(of schedule: Schedule, after now: Timestamp) -> [Timestamp] {
        schedules.nextMoments(of: schedule.name, after: max(now, schedule.doneUntil), count: Limits.shownMoments)
    }

    // MARK: Changing them

    mutating func put(
        _ plan: Schedule.Plan, named name: ScheduleName, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        let known = named(.schedule(name))?.schedule
        guard known?.source != .configuration else { throw .scheduleOfConfiguration(name) }
        try check(plan)
        guard known != nil || allSchedules.count < Limits.schedules else {
            throw .invalid(pointer: "/name", reason: "There are \(Limits.schedules) schedules already.")
        }
        set(plan, named: name, source: .api, over: known, at: now, to: &events)
    }

    mutating func delete(schedule name: ScheduleName, to events: inout [Event]) throws(JobError) {
        guard let known = named(.schedule(name))?.schedule else { throw .scheduleNotFound(name) }
        guard known.source != .configuration else { throw .scheduleOfConfiguration(name) }
        remove(known, to: &events)
    }

    /// Makes the schedules of the configuration be these.
    mutating func sync(_ plans: [ScheduleName: Schedule.Plan], at now: Timestamp, to events: inout [Event]) {
        for schedule in allSchedules where schedule.source == .configuration && plans[schedule.name] == nil {
            remove(schedule, to: &events)
        }
        for (name, plan) in plans.sorted(by: { $0.key < $1.key }) {
            let known = named(.schedule(name))?.schedule
            guard known?.plan != plan || known?.source != .configuration else { continue }
            set(plan, named: name, source: .configuration, over: known, at: now, to: &events)
        }
    }

    private func check(_ plan: Schedule.Plan) throws(JobError) {
        do throws(CronLine.Mistake) {
            _ = try CronLine(plan.cron)
        } catch {
            throw .invalid(pointer: "/cron", reason: "The cron line \(error.reason).")
        }
        guard knows(timeZone: plan.timeZone) else {
            throw .invalid(pointer: "/timeZone", reason: "There is no time zone \(plan.timeZone).")
        }
        if let queue = plan.queue, rules.widths[queue] == nil {
            throw .invalid(pointer: "/queue", reason: "There is no queue \(queue).")
        }
    }

    private mutating func set(
        _ plan: Schedule.Plan, named name: ScheduleName, source: Schedule.Source, over known: Schedule?,
        at now: Timestamp, to events: inout [Event]
    ) {
        var next = known ?? Schedule(name: name, plan: plan, source: source, doneUntil: now, revision: 0)
        // What another line would have meant for the past does not count.
        if known?.plan.cron != plan.cron || known?.plan.timeZone != plan.timeZone { next.doneUntil = now }
        next.plan = plan
        next.source = source
        guard next != known else { return }
        next.revision += 1
        put(
            .named(NamedEvent(id: .schedule(name), before: known.map(NamedRecord.schedule), after: .schedule(next))),
            to: &events)
    }

    private mutating func remove(_ schedule: Schedule, to events: inout [Event]) {
        put(
            .named(NamedEvent(id: .schedule(schedule.name), before: .schedule(schedule), after: nil)), to: &events)
    }

    // MARK: Coming true

    /// Makes a job of a schedule at once, whatever its line says.
    mutating func run(schedule name: ScheduleName, at now: Timestamp, to events: inout [Event]) throws(JobError) {
        guard let schedule = named(.schedule(name))?.schedule else { throw .scheduleNotFound(name) }
        guard !isDrained else { throw .draining }
        var moment = now
        while let id = JobID("\(name):\(moment.compact(withMilliseconds: true))"), record(id) != nil {
            moment = moment + .milliseconds(1)
        }
        try fire(schedule, "\(name):\(moment.compact(withMilliseconds: true))", doneUntil: nil, at: now, to: &events)
    }

    /// Makes the jobs whose moments have come, as much as one decision may.
    mutating func fireSchedules(at now: Timestamp, to events: inout [Event]) {
        guard !isHeld else { return }
        for name in schedules.due(at: now) {
            guard let schedule = named(.schedule(name))?.schedule else { continue }
            let moments = schedules.moments(
                of: name, after: schedule.doneUntil, upTo: now, count: Limits.missedMoments)
            fire(schedule, at: chosen(of: moments, schedule.plan.missed), upTo: now, to: &events)
        }
    }

    /// Those that jobs are made for: the last one is not missed when the map was there for it.
    private func chosen(of moments: [Timestamp], _ missed: Schedule.Missed) -> [Timestamp] {
        switch missed {
        case .all: moments
        case .once: moments.suffix(1)
        case .skip: moments.suffix(1).filter { $0 > start }
        }
    }

    private mutating func fire(
        _ schedule: Schedule, at moments: [Timestamp], upTo now: Timestamp, to events: inout [Event]
    ) {
        for moment in moments {
            guard events.count < Limits.decisionEvents else { return }
            guard let current = named(.schedule(schedule.name))?.schedule else { return }
            let isBusy = current.lastJobId.map { record($0)?.isActive ?? false } ?? false
            let id = "\(schedule.name):\(moment.compact(withMilliseconds: false))"
            if isBusy && !current.plan.overlap || JobID(id).map({ record($0) != nil }) ?? true { continue }
            // What cannot be made, because a type or a queue is gone, is not tried again and again.
            try? fire(current, id, doneUntil: moment, at: now, to: &events)
        }
        // What was left out is done with, too.
        guard let current = named(.schedule(schedule.name))?.schedule, schedules.due(at: now).contains(current.name)
        else { return }
        var next = current
        next.doneUntil = now
        next.revision += 1
        put(
            .named(NamedEvent(id: .schedule(next.name), before: .schedule(current), after: .schedule(next))),
            to: &events)
    }

    private mutating func fire(
        _ schedule: Schedule, _ id: String, doneUntil: Timestamp?, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        guard let id = JobID(id) else { return }
        let plan = schedule.plan
        var creation = Creation(jobId: id, jobType: plan.jobType, metadata: plan.metadata)
        creation.queue = plan.queue.flatMap { rules.widths[$0] == nil ? nil : $0 }
        creation.input.fileIds = rules.pipelines[plan.jobType] == nil ? nil : []
        creation.terms.schedule = schedule.name
        let job = try made(of: creation, by: .everything, number: nextNumber, at: now)
        var next = schedule
        next.lastJobId = id
        if let doneUntil { next.doneUntil = doneUntil }
        next.revision += 1
        put(
            .named(NamedEvent(id: .schedule(next.name), before: .schedule(schedule), after: .schedule(next))),
            to: &events)
        add([job], at: now, to: &events)
    }

    /// Refuses an id that only a schedule may give.
    func checkIsFree(_ id: JobID) throws(JobError) {
        let text = id.description
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), let name = ScheduleName(String(text[..<colon])),
            named(.schedule(name)) != nil
        else { return }
        throw .refused(reason: "Ids that begin with \(name): are those of the jobs of the schedule \(name).")
    }
}

extension Timestamp {
    /// As in the ids of a schedule's jobs: `20261126T020000Z`.
    func compact(withMilliseconds: Bool) -> String {
        let digits = description.filter { $0 != "-" && $0 != ":" }
        guard !withMilliseconds, let dot = digits.firstIndex(of: ".") else { return digits }
        return "\(digits[..<dot])Z"
    }
}
