//! Space keys, and which units' circles hold them.

use himaya_wire::{Circle, Digest, Kid, Scope, Secret, SpaceId, SpaceKey, UnitId};
use rusqlite::{Connection, Row, Transaction, params};
use zeroize::Zeroizing;

use super::StoreError;
use super::column::{Columns, change, circle_of, collect, first, scope_of};

/// A key of a space.
#[derive(Clone, Debug)]
pub struct SpaceKeyRow {
    /// The space.
    pub space: SpaceId,
    /// The key. Its name is derived, never stored apart from it.
    pub key: SpaceKey,
    /// The unit that granted it; one's own where it was made here.
    pub granted_by: UnitId,
    /// Whole file, or from here.
    pub scope: Scope,
    /// The grant it came in; none where it was made here.
    pub from_digest: Option<Digest>,
}

/// A circle that holds a key of a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderRow {
    /// The space.
    pub space: SpaceId,
    /// The unit that holds.
    pub unit: UnitId,
    /// The grant's envelope.
    pub grant: Digest,
    /// The unit that granted.
    pub granted_by: UnitId,
    /// The circle.
    pub circle: Circle,
    /// The circle's key.
    pub circle_kid: Kid,
    /// Its place on this device. Not read by [`put_holder`].
    pub seq: u64,
}

fn read(row: &Row<'_>) -> Result<SpaceKeyRow, StoreError> {
    let bytes = Zeroizing::new(row.get::<_, Vec<u8>>(1)?);
    let secret = Secret::from_slice(&bytes).map_err(|_| StoreError::Row("key"))?;
    Ok(SpaceKeyRow {
        space: row.blob(0)?,
        key: SpaceKey::from_secret(secret),
        granted_by: row.blob(2)?,
        scope: scope_of(row.get(3)?)?,
        from_digest: row.maybe_blob(4)?,
    })
}

const SELECT: &str = "SELECT space, key, granted_by, scope, from_digest FROM space_key";

/// Keeps a key once. A later grant of the whole file widens one that was from here. Says whether it is new.
pub fn put_key(tx: &Transaction<'_>, row: &SpaceKeyRow) -> Result<bool, StoreError> {
    let (space, kid) = (row.space, row.key.kid());
    let sql = "INSERT INTO space_key (space, kid, key, granted_by, scope, from_digest)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (space, kid) DO NOTHING";
    // EXPOSE: the database is the key's place; its pages are sealed under the vault's key.
    let secret: &[u8] = row.key.secret().expose();
    let from = row.from_digest.as_ref().map(Digest::as_bytes);
    let values = params![space.as_bytes(), kid.as_bytes(), secret, row.granted_by.as_bytes(), row.scope as u8, from];
    let new = change(tx, sql, values)? == 1;
    if !new && row.scope == Scope::Whole {
        let sql = "UPDATE space_key SET scope = ?3 WHERE space = ?1 AND kid = ?2";
        change(tx, sql, params![space.as_bytes(), kid.as_bytes(), Scope::Whole as u8])?;
    }
    Ok(new)
}

/// A key of a space by its name.
pub fn key(connection: &Connection, space: SpaceId, kid: Kid) -> Result<Option<SpaceKey>, StoreError> {
    let sql = format!("{SELECT} WHERE space = ?1 AND kid = ?2");
    Ok(first(connection, &sql, params![space.as_bytes(), kid.as_bytes()], read)?.map(|row| row.key))
}

/// Every key of a space, oldest first.
pub fn keys(connection: &Connection, space: SpaceId) -> Result<Vec<SpaceKeyRow>, StoreError> {
    collect(connection, &format!("{SELECT} WHERE space = ?1 ORDER BY seq"), [space.as_bytes()], read)
}

/// The newest key of a space: the one writers use.
pub fn newest_key(connection: &Connection, space: SpaceId) -> Result<Option<SpaceKeyRow>, StoreError> {
    first(connection, &format!("{SELECT} WHERE space = ?1 ORDER BY seq DESC LIMIT 1"), [space.as_bytes()], read)
}

/// Keeps once that a circle holds a key of a space.
pub fn put_holder(tx: &Transaction<'_>, row: &HolderRow) -> Result<bool, StoreError> {
    let sql = "INSERT INTO holder (space, unit, grant_digest, granted_by, circle, circle_kid)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (space, unit, circle, circle_kid, grant_digest) DO NOTHING";
    let values = params![
        row.space.as_bytes(),
        row.unit.as_bytes(),
        row.grant.as_bytes(),
        row.granted_by.as_bytes(),
        row.circle as u8,
        row.circle_kid.as_bytes(),
    ];
    Ok(change(tx, sql, values)? == 1)
}

/// Which circles hold a space, in the order in which the grants came.
pub fn holders(connection: &Connection, space: SpaceId) -> Result<Vec<HolderRow>, StoreError> {
    let sql = "SELECT space, unit, grant_digest, granted_by, circle, circle_kid, seq
               FROM holder WHERE space = ?1 ORDER BY seq";
    collect(connection, sql, [space.as_bytes()], |row| {
        Ok(HolderRow {
            space: row.blob(0)?,
            unit: row.blob(1)?,
            grant: row.blob(2)?,
            granted_by: row.blob(3)?,
            circle: circle_of(row.get(4)?)?,
            circle_kid: row.blob(5)?,
            seq: row.number(6)?,
        })
    })
}
