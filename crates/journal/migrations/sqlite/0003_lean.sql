-- What a record is linked to stands in the log; a table of its own was one more thing to write for every record.
DROP TABLE links;
CREATE VIEW links AS
    SELECT flow, source_id, number, destination_id, max(at) AS at
    FROM log
    WHERE destination_id IS NOT NULL AND outcome IN ('created', 'updated', 'found')
    GROUP BY flow, source_id;

-- Records come in no order, so an index of them writes a page of the file for every row: that took as long as the rest of
-- the journal. To look a record up among a million lines without one takes a third of a second.
DROP INDEX attempts_by_record;
DROP INDEX attempts_by_number;
DROP INDEX log_by_record;
DROP INDEX log_by_number;
