import CustomResources
import StressTest
import Tuning

/// Turns the options for loads that something else than one rate decides on into one.
struct LoadReading {
  private let options: LoadOptions

  init(_ options: LoadOptions) { self.options = options }

  /// The load; nil where none is asked for, or with a problem.
  func load(for duration: Duration, _ problems: inout [Problem]) -> GivenLoad? {
    do throws(OptionError) {
      if let count = options.concurrency {
        guard (1...StressPlan.usersMax).contains(count) else {
          throw problem(
            "--concurrency", "\(count)", "from 1 to \(StressPlan.usersMax) are possible")
        }
        return .users(count, duration)
      }
      if let ramp = options.ramp { return .shape(try self.ramp(ramp, for: duration)) }
      if let steps = options.steps {
        let rates = try rates(steps, "--steps", separator: ",", needed: "rates like 50,100,200")
        return .shape(try checked(.steps(rates, each: duration / rates.count), "--steps"))
      }
      if let replay = options.replay { return .recorded(try arrivals(in: replay)) }
    } catch {
      problems.append(error.problem)
    }
    return nil
  }

  private func ramp(_ text: String, for duration: Duration) throws(OptionError) -> LoadShape {
    let needed = "two rates like 10-500"
    let rates = try rates(text, "--ramp", separator: "-", needed: needed)
    guard rates.count == 2 else { throw problem("--ramp", "\"\(text)\"", needed + " are needed") }
    return try checked(
      LoadShape([.init(from: rates[0], to: rates[1], duration: duration)]), "--ramp")
  }

  private func rates(
    _ text: String, _ option: String, separator: Character, needed: String
  ) throws(OptionError) -> [Rate] {
    let numbers = text.split(separator: separator, omittingEmptySubsequences: false)
      .map { Double($0.filter { $0 != " " }) }
    let range = 0...StressPlan.rateMax.perSecond
    guard numbers.allSatisfy({ $0.map(range.contains) ?? false }) else {
      throw problem(option, "\"\(text)\"", "\(needed), from 0 to 1000000, are needed")
    }
    return numbers.compactMap(\.self).map { Rate(perSecond: $0) }
  }

  private func checked(_ shape: LoadShape, _ option: String) throws(OptionError) -> LoadShape {
    guard shape.expected >= 1 else {
      throw problem(option, "no request would be due", "give more, or a longer --duration")
    }
    guard shape.expected <= Double(StressPlan.requestsMax) else {
      throw problem(
        option, "too many requests", "at most \(StressPlan.requestsMax) in all are possible")
    }
    return shape
  }

  private func arrivals(in file: String) throws(OptionError) -> RecordedArrivals {
    let speed = options.replaySpeed ?? 1
    guard (0.001...1_000).contains(speed) else {
      throw problem("--replay-speed", "\(speed)", "a factor from 0.001 to 1000 is needed")
    }
    let arrivals: RecordedArrivals
    do {
      let text = String(decoding: try RunInputs.contents(file), as: UTF8.self)
      arrivals = try RecordedArrivals(text: text, speed: speed)
    } catch {
      throw problem("--replay", "\(file)", "\(error)")
    }
    guard arrivals.starts.count <= StressPlan.requestsMax else {
      throw problem(
        "--replay", "too many requests", "at most \(StressPlan.requestsMax) are possible")
    }
    return arrivals
  }

  private func problem(_ place: String, _ found: String, _ needed: String) -> OptionError {
    OptionError(option: place, found: found, needed: needed)
  }
}
