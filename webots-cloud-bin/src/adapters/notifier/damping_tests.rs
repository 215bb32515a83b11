//! A day in the life of servers that go up and down, in no time.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use webots_cloud_core::load::Load;
use webots_cloud_core::ports::Notice;
use webots_cloud_core::time::Timestamp;

use super::damping::{About, Counts, Damping, DampingRules, Event, Word};

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_start(Duration::from_secs(seconds))
}

fn notice(server: u8, event: Event) -> Notice {
    let server = format!("host{server}:2000");
    let load = Load::FULL;
    let instance = webots_cloud_core::id::InstanceId(1);
    let reason = "gone".to_owned();
    match event {
        Event::Silent => Notice::ServerSilent { server, reason },
        Event::Back => Notice::ServerBack { server, load },
        Event::Full => Notice::ServerFull { server, load },
        Event::Free => Notice::ServerFree { server, load },
        Event::Stuck => Notice::InstanceStuck { instance },
        Event::Left => Notice::WorkspaceLeft { instance, reason },
    }
}

/// Feeds the notices at their seconds, wakes the damping whenever it asks for it until `end`, and
/// gives everything that was told, with its second.
fn play(notices: &[(u64, Notice)], end: u64) -> Vec<(u64, Word)> {
    let mut damping = Damping::new(DampingRules::default());
    let mut told = Vec::new();
    let wake = |damping: &mut Damping, until: u64, told: &mut Vec<_>| {
        while let Some(next) = damping.next().filter(|next| *next <= at(until)) {
            let second = next.since_start().as_secs();
            let before = Timestamp::from_start(next.since_start() - Duration::from_nanos(1));
            assert!(damping.due(before).is_empty(), "nothing is due earlier");
            told.extend(damping.due(next).into_iter().map(|word| (second, word)));
        }
    };
    for (second, notice) in notices {
        wake(&mut damping, *second, &mut told);
        let word = damping.take(at(*second), notice.clone());
        told.extend(word.map(|word| (*second, word)));
    }
    wake(&mut damping, end, &mut told);
    let rest = damping.flush(at(end));
    told.extend(rest.into_iter().map(|word| (end, word)));
    told
}

fn about(word: &Word) -> About {
    match word {
        Word::One(Notice::InstanceStuck { .. } | Notice::WorkspaceLeft { .. }) => About::Instances,
        Word::One(
            Notice::ServerSilent { server, .. }
            | Notice::ServerBack { server, .. }
            | Notice::ServerFull { server, .. }
            | Notice::ServerFree { server, .. },
        ) => About::Server(server.clone()),
        Word::Many(summary) => summary.about.clone(),
    }
}

fn counts(word: &Word) -> Counts {
    match word {
        Word::One(notice) => Counts::from([(Event::of(notice), 1)]),
        Word::Many(summary) => summary.counts.clone(),
    }
}

#[test]
fn a_server_that_flaps_all_day_is_two_mails_and_then_at_most_one_an_hour() {
    let day = 24 * 3600;
    let flapping: Vec<_> = (0..day / 5)
        .map(|round| {
            let event = if round % 2 == 0 {
                Event::Silent
            } else {
                Event::Back
            };
            (round * 5, notice(1, event))
        })
        .collect();
    let told = play(&flapping, day);
    let (ones, summaries): (Vec<_>, Vec<_>) = told
        .iter()
        .partition(|(_, word)| matches!(word, Word::One(_)));
    assert_eq!(ones.len(), 2, "{ones:?}");
    let seconds: Vec<u64> = summaries.iter().map(|(second, _)| *second).collect();
    // After 10, 20 and 40 minutes, and then every hour.
    assert_eq!(seconds[..4], [600, 1800, 4200, 7800]);
    assert!(summaries.len() <= 3 + 24, "{}", summaries.len());
}

#[test]
fn each_of_the_four_events_is_told_at_once() {
    let events = [Event::Silent, Event::Back, Event::Full, Event::Free];
    let notices: Vec<_> = (0..4).zip(events).map(|(s, e)| (s, notice(1, e))).collect();
    let told = play(&notices, 7200);
    let expected: Vec<_> = notices
        .into_iter()
        .map(|(s, n)| (s, Word::One(n)))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn after_a_quiet_spell_everything_is_told_again() {
    let down = notice(1, Event::Silent);
    let told = play(
        &[
            (0, down.clone()),
            (599, down.clone()),
            (600, down.clone()),
            (1801, down.clone()),
        ],
        9000,
    );
    let seconds: Vec<u64> = told.iter().map(|(second, _)| *second).collect();
    // At once; the summary of the second at 600; the third is in the next spell of 20 min, whose
    // summary is at 1800; the fourth in one of 40 min.
    assert_eq!(seconds, [0, 600, 1800, 1800 + 2400]);
    let told = play(&[(0, down.clone()), (600, down.clone())], 9000);
    assert!(
        told.iter()
            .all(|(_, word)| *word == Word::One(down.clone())),
        "{told:?}"
    );
    assert_eq!(told.len(), 2);
}

fn any_event() -> impl Strategy<Value = Event> {
    use Event::{Back, Free, Full, Left, Silent, Stuck};
    prop::sample::select(vec![Silent, Back, Full, Free, Stuck, Left])
}

/// How many cases each property is tried with.
fn cases() -> u32 {
    let asked = std::env::var("WEBOTS_CLOUD_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn nothing_is_lost_and_little_is_said(
        steps in prop::collection::vec((0u64..900, 0u8..3, any_event()), 1..120),
    ) {
        let mut second = 0;
        let notices: Vec<_> = steps
            .into_iter()
            .map(|(pause, server, event)| {
                // Mostly close to each other.
                second += if pause < 600 { pause % 20 } else { pause * 4 };
                (second, notice(server, event))
            })
            .collect();
        let end = second + 3 * 3600;
        let told = play(&notices, end);

        let sum = |words: &mut dyn Iterator<Item = Word>| {
            let mut sum: BTreeMap<(About, Event), u32> = BTreeMap::new();
            for word in words {
                for (event, count) in counts(&word) {
                    *sum.entry((about(&word), event)).or_default() += count;
                }
            }
            sum
        };
        let came = sum(&mut notices.iter().map(|(_, it)| Word::One(it.clone())));
        prop_assert_eq!(came, sum(&mut told.iter().map(|(_, word)| word.clone())));

        let mut all: BTreeMap<About, Vec<&(u64, Word)>> = BTreeMap::new();
        for entry in &told {
            all.entry(about(&entry.1)).or_default().push(entry);
        }
        for (whom, words) in all {
            let of_it: Vec<_> = notices.iter().filter(|(_, it)| about(&Word::One(it.clone())) == whom).collect();
            // The first is told at once.
            prop_assert_eq!(words[0], &(of_it[0].0, Word::One(of_it[0].1.clone())));
            // The last thing told of it is how it is.
            let last = &of_it[of_it.len() - 1].1;
            match &words[words.len() - 1].1 {
                Word::One(notice) => prop_assert_eq!(notice, last),
                Word::Many(summary) => prop_assert_eq!(&summary.last, last),
            }
            let mut summaries = words.iter().filter(|(_, word)| matches!(word, Word::Many(_)));
            let mut earlier = summaries.next();
            for later in summaries {
                prop_assert!(later.0 - earlier.map_or(0, |it| it.0) >= 600);
                earlier = Some(later);
            }
            // However many come: in each 10 minutes one of each kind in each of two spells, and
            // two summaries.
            for (start, _) in &words {
                let near = words.iter().filter(|(it, _)| (*start..start + 600).contains(it));
                prop_assert!(near.count() <= 2 * 4 + 2);
            }
            // Nothing waits longer than the longest spell.
            for (came, _) in of_it {
                prop_assert!(words.iter().any(|(told, _)| (*came..=came + 3600).contains(told)));
            }
        }
    }
}
