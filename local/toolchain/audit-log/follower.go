package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// follower prints whole lines of a log and of the files that it was rotated into.
type follower struct {
	log      string
	out      io.Writer
	position position
}

// piece is a file of the log. Its inode stays the same when it is renamed.
type piece struct {
	name  string
	inode uint64
}

// advance prints what is new: the rest of the file that was read last, then the files begun since, in their order.
func (f *follower) advance() error {
	pieces, err := f.unread()
	for _, unread := range pieces {
		if err = f.print(unread); err != nil {
			break
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil // renamed or removed while we looked: the next look finds what took its place
	}
	return err
}

// unread is the file of the position and those begun after it, oldest first. Where that file is gone, or at the first start, it
// is the log alone.
func (f *follower) unread() ([]piece, error) {
	// The log before the rotated ones: a file that is renamed meanwhile is then seen twice and not missed.
	inode, err := inodeOf(os.Stat(f.log))
	if err != nil {
		return nil, err
	}
	current := piece{name: f.log, inode: inode}
	extension := filepath.Ext(f.log)
	// Their names hold the time of the rotation, so that their order is the order of time.
	rotated, err := filepath.Glob(strings.TrimSuffix(f.log, extension) + "-*" + extension)
	if err != nil {
		return nil, err
	}
	var pieces []piece
	for _, name := range rotated {
		inode, err := inodeOf(os.Stat(name))
		if err != nil {
			return nil, err
		}
		if len(pieces) > 0 || inode == f.position.Inode {
			pieces = append(pieces, piece{name: name, inode: inode})
		}
	}
	return append(pieces, current), nil
}

// print goes to the end of one file. A line that is not finished yet is left for the next time.
func (f *follower) print(unread piece) error {
	file, err := os.Open(unread.name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if inode, err := inodeOf(info, nil); err != nil || inode != unread.inode {
		return errors.Join(err, os.ErrNotExist)
	}
	// Another file may have got the number of one that is gone.
	if unread.inode != f.position.Inode || info.Size() < f.position.Offset {
		f.position = position{Inode: unread.inode}
	}
	reader := bufio.NewReader(io.NewSectionReader(file, f.position.Offset, math.MaxInt64-f.position.Offset))
	for {
		line, err := reader.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := f.out.Write(line); err != nil {
			return err
		}
		f.position.Offset += int64(len(line))
	}
}

func inodeOf(info os.FileInfo, err error) (uint64, error) {
	if err != nil {
		return 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s has no inode", info.Name())
	}
	return stat.Ino, nil
}
