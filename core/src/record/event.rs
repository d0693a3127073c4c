//! Events: what a worker did, immutable.
//!
//! An event is a list of acts that happen together. Each edit names the edits it replaces (`over`); merging and
//! conflict are decided from that alone, so events fold in any order.

use himaya_wire::{Digest, EventId, MemberId, SpaceId, Stamp, UnitId};
use minicbor::{Decode, Encode};

use super::terms::Code;
use super::value::Value;

/// What a space is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum SpaceKind {
    /// One child's file.
    #[n(0)]
    Case,
    /// A part of a file for one discipline.
    #[n(1)]
    Section,
    /// One outreach round.
    #[n(2)]
    Round,
    /// One identifiable child.
    #[n(3)]
    Spotting,
    /// What a referral shows when the file itself is not shared.
    #[n(4)]
    Sheet,
    /// The circuit card: no name, no text, no point.
    #[n(5)]
    Card,
    /// A province's guide, calendar, protocol settings, announcements.
    #[n(6)]
    Commons,
    /// The committee's work.
    #[n(7)]
    Committee,
}

impl SpaceKind {
    const ALL: [Self; 8] = [
        Self::Case,
        Self::Section,
        Self::Round,
        Self::Spotting,
        Self::Sheet,
        Self::Card,
        Self::Commons,
        Self::Committee,
    ];

    /// The kind of a stored number.
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The code on the command line and in message keys.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Section => "section",
            Self::Round => "round",
            Self::Spotting => "spotting",
            Self::Sheet => "sheet",
            Self::Card => "card",
            Self::Commons => "commons",
            Self::Committee => "committee",
        }
    }
}

impl serde::Serialize for SpaceKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Names one thing of a list in a space: a referral, a call, a service of the guide. Random, 16 bytes.
pub type ElementId = EventId;

/// Which field: of the space itself, or of one of its elements.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Field {
    /// The element, or none for the space itself.
    #[n(0)]
    pub element: Option<ElementId>,
    /// The field's name.
    #[n(1)]
    pub name: Code,
}

impl Field {
    /// A field of the space itself.
    pub fn of_space(name: &'static str) -> Self {
        Self { element: None, name: Code::literal(name) }
    }

    /// A field of one element of a list.
    pub fn of_element(element: ElementId, name: &'static str) -> Self {
        Self { element: Some(element), name: Code::literal(name) }
    }
}

/// One act of an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Kind 0. Writes a field.
    Set {
        /// Which.
        field: Field,
        /// The events whose edits of this field it replaces.
        over: Vec<EventId>,
        /// What.
        value: Value,
    },
    /// Kind 1. Adds an element to a list.
    Add {
        /// The list's name.
        list: Code,
        /// The element.
        element: ElementId,
    },
    /// Kind 2. Takes an element off a list. Only the additions it saw: an addition made elsewhere stays.
    Remove {
        /// The list's name.
        list: Code,
        /// The element.
        element: ElementId,
        /// The events whose additions it saw.
        over: Vec<EventId>,
    },
    /// Kind 3. A head takes up an event that was set aside.
    Adopt {
        /// The event's digest: an id can be used twice by a dishonest program, a digest names one content.
        event: Digest,
    },
    /// Kind 4. The first remaining writer gives the space a new key after a removal.
    Rekey {
        /// Members whose later events are set aside until adopted.
        removed: Vec<MemberId>,
    },
    /// An act that a newer program wrote: kept, shown, never edited.
    Unknown {
        /// The kind's number.
        kind: u32,
        /// Its content.
        data: Vec<u8>,
    },
}

/// What is sealed in an event's envelope.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EventBody {
    /// What the space is for.
    #[n(0)]
    pub kind: SpaceKind,
    /// When, by the author's clock.
    #[n(1)]
    pub stamp: Stamp,
    /// The number of the last entry of the author's own unit registry that the author had seen.
    #[n(2)]
    pub position: u64,
    /// Digests of the space's heads that the author had seen: evidence, never a gate.
    #[n(3)]
    pub parents: Vec<Digest>,
    /// What was done.
    #[n(4)]
    pub acts: Vec<Act>,
}

/// An opened event, with what its envelope says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The event's id, and its envelope's.
    pub id: EventId,
    /// SHA-256 of the sealed envelope: what `parents` name.
    pub digest: Digest,
    /// The space.
    pub space: SpaceId,
    /// The author's unit.
    pub unit: UnitId,
    /// The author.
    pub author: MemberId,
    /// What was sealed.
    pub body: EventBody,
}

/// An act travels as `[kind, content]`, content being CBOR inside a byte string, so that a program that does not know
/// a kind can step over it and keep it.
mod act_cbor {
    use minicbor::bytes::ByteSlice;
    use minicbor::{Decode, Decoder, Encode, Encoder};

    use super::{Act, Code, Digest, ElementId, EventId, Field, MemberId, Value};

    #[derive(Encode, Decode)]
    struct Set {
        #[n(0)]
        field: Field,
        #[n(1)]
        over: Vec<EventId>,
        #[n(2)]
        value: Value,
    }

    #[derive(Encode, Decode)]
    struct Listed {
        #[n(0)]
        list: Code,
        #[n(1)]
        element: ElementId,
        #[n(2)]
        over: Vec<EventId>,
    }

    fn content<T: Encode<()>>(value: &T) -> Vec<u8> {
        // Writing to a Vec cannot fail, and no encoder here has an error of its own.
        minicbor::to_vec(value).unwrap_or_default()
    }

    impl<C> Encode<C> for Act {
        fn encode<W: minicbor::encode::Write>(
            &self,
            e: &mut Encoder<W>,
            _: &mut C,
        ) -> Result<(), minicbor::encode::Error<W::Error>> {
            let (kind, data) = match self {
                Self::Set { field, over, value } => {
                    (0, content(&Set { field: field.clone(), over: over.clone(), value: value.clone() }))
                }
                Self::Add { list, element } => {
                    (1, content(&Listed { list: list.clone(), element: *element, over: Vec::new() }))
                }
                Self::Remove { list, element, over } => {
                    (2, content(&Listed { list: list.clone(), element: *element, over: over.clone() }))
                }
                Self::Adopt { event } => (3, content(event)),
                Self::Rekey { removed } => (4, content(removed)),
                Self::Unknown { kind, data } => (*kind, data.clone()),
            };
            e.array(2)?.u32(kind)?.bytes(&data)?.ok()
        }
    }

    impl<'b, C> Decode<'b, C> for Act {
        fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
            if d.array()? != Some(2) {
                return Err(minicbor::decode::Error::message("act"));
            }
            let kind = d.u32()?;
            let data: &ByteSlice = d.decode()?;
            let known = match kind {
                0 => minicbor::decode::<Set>(data).map(|Set { field, over, value }| Self::Set { field, over, value }),
                1 => minicbor::decode::<Listed>(data).map(|Listed { list, element, .. }| Self::Add { list, element }),
                2 => minicbor::decode::<Listed>(data).map(|Listed { list, element, over }| Self::Remove {
                    list,
                    element,
                    over,
                }),
                3 => minicbor::decode::<Digest>(data).map(|event| Self::Adopt { event }),
                4 => minicbor::decode::<Vec<MemberId>>(data).map(|removed| Self::Rekey { removed }),
                _ => return Ok(Self::Unknown { kind, data: data.to_vec() }),
            };
            // A known kind with content this program cannot read is from a newer one: kept, not guessed.
            Ok(known.unwrap_or(Self::Unknown { kind, data: data.to_vec() }))
        }
    }
}
